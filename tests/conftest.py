"""No display, no settings of the user's, one application for all window tests."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
