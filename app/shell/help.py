"""Help: the keys, what the maps mean, and whose work is in the program."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

import resnet_core
from app.shell.actions import KEYS
from app.theme import theme
from app.widgets.controls import ActionButton, Look
from resnet_core.pictures.samples import samples


def help_dialog(parent: QWidget) -> QDialog:
    """The help, as a dialog that does not stop anything; Esc closes it."""
    dialog = QDialog(parent)
    dialog.setWindowTitle("SkipLens help")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    text = QLabel(_text())
    text.setObjectName("page")
    text.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    text.setWordWrap(True)
    text.setAlignment(Qt.AlignmentFlag.AlignTop)
    text.setContentsMargins(24, 16, 24, 16)
    area = QScrollArea()
    area.setWidget(text)
    area.setWidgetResizable(True)
    close = ActionButton("Close", None, Look.PRIMARY)
    close.clicked.connect(dialog.close)
    foot = QHBoxLayout()
    foot.setContentsMargins(16, 12, 16, 12)
    foot.addStretch(1)
    foot.addWidget(close)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(area)
    column.addLayout(foot)
    dialog.resize(round(680 * theme().zoom), 760)
    close.setFocus()
    return dialog


def _text() -> str:
    rows = "".join(
        f"<tr><td><b>{' or '.join(key.keys)}</b>&nbsp;&nbsp;</td><td>{key.words}</td></tr>"
        for key in KEYS
    )
    pictures = "".join(
        f"<li>{sample.title}: {sample.source}, {sample.licence}</li>" for sample in samples()
    )
    return f"""
        <h2>SkipLens {resnet_core.__version__}</h2>
        <p>Drop a picture, or start with a sample. Each tile below is one residual block: what it
        saw (activation) or what the answer hung on (gradient, Grad-CAM, LayerCAM). Blue is the
        share of the gradient that came back through the shortcut, orange the share through the
        residual branch F(x). Click a tile to see its map over the picture.</p>
        <h3>Maps</h3>
        <p><b>Activation</b>: the mean over the channels of the block's output.<br>
        <b>Gradient</b>: the mean over the channels of how strongly the target's score answers to
        each output, either way.<br>
        <b>Grad-CAM</b>: channels weighed by their mean gradient. It averages over positions, which
        misleads in early blocks.<br>
        <b>LayerCAM</b>: each position weighed by its own positive gradient; it holds in early
        blocks too.</p>
        <h3>Keys</h3><table cellspacing="4">{rows}</table>
        <h3>Licences</h3>
        <p>SkipLens is under the MIT licence. The type is Inter (SIL Open Font License), the icons
        are Lucide's (ISC). It stands on Qt and PySide6 (LGPL 3), OpenVINO (Apache 2.0), OpenCV
        (Apache 2.0) and NumPy (BSD). The weights that come with it were trained on pictures of
        ImageNet, whose terms (research, education) apply to those pictures.</p>
        <p>Sample pictures:</p><ul>{pictures}</ul>
    """
