/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The plot: ratios over record sizes, and handshakes per second over threads, as an SVG file of
 * three panels next to each other. Series without a measured row are left out.
 */
#include "bench/plot.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bench/threads.h"

#define PANEL_WIDTH  360
#define PANEL_HEIGHT 260
#define LEFT         56 /* margins of a panel, for its scales */
#define TOP          56
#define RIGHT        20
#define BOTTOM       110 /* the legend too */
#define MAX_POINTS   16
#define MAX_SERIES   6

struct series {
    char label[48];
    const char *color;
    bool dashed;
    unsigned count;
    double y[MAX_POINTS]; /* 0: not measured */
};

struct panel {
    const char *title;
    const char *reading; /* what is good, and what the kinds of lines are */
    const char *x_title;
    const char *format; /* of the scale's numbers */
    char x[MAX_POINTS][16];
    unsigned points;
    struct series series[MAX_SERIES];
    unsigned count;
    double low, high, step; /* the scale of y */
    bool line_at_one;
};

static const struct bench_result *find(const struct bench *bench, const char *id)
{
    for (unsigned i = 0; i < bench->count; i++) {
        if (!strcmp(bench->results[i].row.id, id))
            return &bench->results[i];
    }
    return NULL;
}

static struct series *add_series(struct panel *panel, const char *color, bool dashed)
{
    struct series *series = &panel->series[panel->count++];

    memset(series, 0, sizeof(*series));
    series->color = color;
    series->dashed = dashed;
    series->count = panel->points;
    return series;
}

/* A scale of round numbers around all points. */
static void set_scale(struct panel *panel, bool from_zero)
{
    double low = from_zero ? 0 : .9, high = from_zero ? 1 : 1.1;

    for (unsigned s = 0; s < panel->count; s++) {
        for (unsigned i = 0; i < panel->points; i++) {
            double y = panel->series[s].y[i];

            low = y ? min(low, y) : low;
            high = max(high, y);
        }
    }
    for (panel->step = .01; panel->step * 6 < high - low;)
        panel->step *= panel->step * 2 * 6 < high - low ? 10 : 2;
    panel->low = panel->step * (int)(low / panel->step);
    panel->high = panel->step * ((int)(high / panel->step) + 1);
}

static double place_x(const struct panel *panel, unsigned i)
{
    double width = PANEL_WIDTH - LEFT - RIGHT;

    return LEFT + width * (i + .5) / panel->points;
}

static double place_y(const struct panel *panel, double y)
{
    return TOP + (PANEL_HEIGHT - TOP) * (panel->high - y) / (panel->high - panel->low);
}

static void draw_scales(FILE *file, const struct panel *panel)
{
    char text[32];

    fprintf(file, "<text class=\"title\" x=\"%d\" y=\"%d\">%s</text>\n", LEFT, TOP - 34,
            panel->title);
    fprintf(file, "<text x=\"%d\" y=\"%d\">%s</text>\n", LEFT, TOP - 16, panel->reading);
    for (double y = panel->low; y < panel->high + panel->step / 2; y += panel->step) {
        snprintf(text, sizeof(text), panel->format, y);
        fprintf(file, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>\n", LEFT, place_y(panel, y),
                PANEL_WIDTH - RIGHT);
        fprintf(file, "<text class=\"end\" x=\"%d\" y=\"%.1f\">%s</text>\n", LEFT - 6,
                place_y(panel, y) + 4, text);
    }
    if (panel->line_at_one)
        fprintf(file, "<path class=\"one\" d=\"M%d %.1fH%d\"/>\n", LEFT, place_y(panel, 1),
                PANEL_WIDTH - RIGHT);
    for (unsigned i = 0; i < panel->points; i++)
        fprintf(file, "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>\n", place_x(panel, i),
                PANEL_HEIGHT + 18, panel->x[i]);
    fprintf(file, "<text class=\"middle\" x=\"%d\" y=\"%d\">%s</text>\n",
            (LEFT + PANEL_WIDTH - RIGHT) / 2, PANEL_HEIGHT + 36, panel->x_title);
}

static void draw_series(FILE *file, const struct panel *panel, unsigned index)
{
    const struct series *series = &panel->series[index];
    const char *dash = series->dashed ? " stroke-dasharray=\"5 4\"" : "";
    double legend_x = LEFT + (index & 1) * (PANEL_WIDTH - LEFT) / 2.0;
    double legend_y = PANEL_HEIGHT + 58 + index / 2 * 18;
    char command = 'M';

    fprintf(file, "<path class=\"line\" stroke=\"%s\"%s d=\"", series->color, dash);
    for (unsigned i = 0; i < series->count; i++) {
        if (!series->y[i])
            continue;
        fprintf(file, "%c%.1f %.1f", command, place_x(panel, i), place_y(panel, series->y[i]));
        command = 'L';
    }
    fprintf(file, "\"/>\n");
    for (unsigned i = 0; i < series->count; i++) {
        if (series->y[i])
            fprintf(file, "<circle fill=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n", series->color,
                    place_x(panel, i), place_y(panel, series->y[i]));
    }
    fprintf(file, "<path class=\"line\" stroke=\"%s\"%s d=\"M%.1f %.1fh22\"/>\n", series->color,
            dash, legend_x, legend_y - 4);
    fprintf(file, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", legend_x + 28, legend_y,
            series->label);
}

static void draw_panel(FILE *file, const struct panel *panel, unsigned place)
{
    fprintf(file, "<g transform=\"translate(%u 0)\">\n", place * PANEL_WIDTH);
    draw_scales(file, panel);
    for (unsigned i = 0; i < panel->count; i++)
        draw_series(file, panel, i);
    fprintf(file, "</g>\n");
}

/* What the panels show ------------------------------------------------------------------------- */

static void add_records(const struct bench *bench, struct panel *panel, const char *verb,
                        const char *version, const char *color, bool dashed)
{
    static const char *const sizes[] = {"64", "1024", "4096", "16384"};
    struct series *series = add_series(panel, color, dashed);
    char id[48];

    snprintf(series->label, sizeof(series->label), "%s, TLS %s", verb, version);
    for (unsigned i = 0; i < ARRAYSIZE(sizes); i++) {
        const struct bench_result *result;

        snprintf(id, sizeof(id), "%s-%s-%s", verb, version, sizes[i]);
        result = find(bench, id);
        series->y[i] = result ? result->ratio : 0;
    }
}

static void draw_records(const struct bench *bench, FILE *file)
{
    struct panel panel = {
        .title = "Records: GnuTLS's time / ours",
        .reading = "above 1: ours is faster; dashed: TLS 1.2",
        .x_title = "bytes in a record",
        .format = "%.1f",
        .x = {"64", "1,024", "4,096", "16,384"},
        .points = 4,
        .line_at_one = true,
    };

    add_records(bench, &panel, "encrypt", "1.3", "#0b6e99", false);
    add_records(bench, &panel, "encrypt", "1.2", "#0b6e99", true);
    add_records(bench, &panel, "decrypt", "1.3", "#c2410c", false);
    add_records(bench, &panel, "decrypt", "1.2", "#c2410c", true);
    set_scale(&panel, false);
    draw_panel(file, &panel, 0);
}

static void add_handshakes(const struct bench *bench, struct panel *panel, const char *kind,
                           const char *key, const unsigned *threads, const char *color, bool ours)
{
    struct series *series = add_series(panel, color, !ours);
    char id[48];

    snprintf(series->label, sizeof(series->label), "%s, %s", ours ? "SSPI" : "GnuTLS", kind);
    for (unsigned i = 0; i < panel->points; i++) {
        const struct bench_result *result;

        snprintf(id, sizeof(id), "parallel-%s-%s-%u", kind, key, threads[i]);
        result = find(bench, id);
        if (result)
            series->y[i] = ours ? result->ours : result->native;
    }
}

static void draw_handshakes(const struct bench *bench, FILE *file, const char *title,
                            const char *key, unsigned place)
{
    static const struct {
        const char *kind, *color;
    } ways[] = {{"sync", "#0b6e99"}, {"async", "#c2410c"}};
    unsigned threads[BENCH_MAX_THREADS];
    struct panel panel = {.title = title,
                          .reading = "more is better; dashed: GnuTLS itself",
                          .x_title = "threads",
                          .format = "%.0f"};

    panel.points = min(bench_parse_threads(bench->options->threads, threads), MAX_POINTS);
    for (unsigned i = 0; i < panel.points; i++)
        snprintf(panel.x[i], sizeof(panel.x[i]), "%u", threads[i]);
    for (unsigned i = 0; i < ARRAYSIZE(ways); i++) {
        add_handshakes(bench, &panel, ways[i].kind, key, threads, ways[i].color, true);
        add_handshakes(bench, &panel, ways[i].kind, key, threads, ways[i].color, false);
    }
    set_scale(&panel, true);
    draw_panel(file, &panel, place);
}

bool bench_write_plot(const struct bench *bench, const char *path)
{
    FILE *file = fopen(path, "wb");

    if (!file) {
        report("%s: cannot be written", path);
        return false;
    }
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\">\n"
            "<title>asyncsspi next to native GnuTLS</title>\n"
            "<style>text{font:12px sans-serif;fill:#222}.title{font-weight:bold;font-size:13px}"
            ".end{text-anchor:end}.middle{text-anchor:middle}.grid{stroke:#ddd}"
            ".one{stroke:#222}.line{fill:none;stroke-width:2}</style>\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
            3 * PANEL_WIDTH, PANEL_HEIGHT + BOTTOM, 3 * PANEL_WIDTH);
    draw_records(bench, file);
    draw_handshakes(bench, file, "P-256 handshakes per second", "p256", 1);
    draw_handshakes(bench, file, "RSA-2048 handshakes per second", "rsa", 2);
    fprintf(file, "</svg>\n");
    return !fclose(file);
}
