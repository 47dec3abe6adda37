# SPDX-License-Identifier: LGPL-2.1-or-later
"""sslscan and testssl.sh look at `sspitls server`: what they find must be what the credential
allows, and nothing weak. Their reports stay in BUILD/test-logs."""
