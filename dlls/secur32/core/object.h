/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Credentials and security contexts behind handles: counted objects in a generation-tagged table.
 *
 * A CredHandle or CtxtHandle names a slot and the slot's generation. Looking one up is lock-free
 * and touches only that slot's own cache line. An object is destroyed by whoever drops the last
 * reference after its handle was closed; its slot then gets a new generation, so that every copy
 * of the old handle stays invalid.
 */
#ifndef ASYNCSSPI_OBJECT_H
#define ASYNCSSPI_OBJECT_H

#include "core/sspitypes.h"

struct package;
struct slot;

enum object_kind { OBJECT_CREDENTIALS = 1, OBJECT_CONTEXT = 2 };

/* First member of every credentials and context structure. */
struct object {
    enum object_kind kind;
    const struct package *package;
    struct slot *slot; /* set by handle_open */
    void (*destroy)(struct object *object);
};

/*
 * Gives object a handle. The handle holds one reference; with_reference adds one for the caller.
 * SEC_E_INSUFFICIENT_MEMORY leaves the object the caller's.
 */
SECURITY_STATUS handle_open(struct object *object, bool with_reference, SecHandle *handle);

/*
 * The handle's value again, for phNewContext of later calls. Most have it there already, and then
 * it is not written: other threads may be reading it for the calls that they make.
 */
void handle_value(const struct object *object, SecHandle *handle);

/* The object of an open handle with a reference for the caller; NULL for any other value. */
struct object *handle_acquire(const SecHandle *handle, enum object_kind kind);

/*
 * Closes the object's handle and drops the handle's reference; the caller keeps its own.
 * False when somebody closed it before.
 */
bool handle_close(struct object *object);

/* The handle was closed while the caller held its reference. */
bool handle_is_closed(const struct object *object);

void object_reference(struct object *object);
void object_release(struct object *object);

/* Gives the table's memory back. Only when nothing can look up a handle any more. */
void handle_table_free(void);

#endif
