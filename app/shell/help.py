"""Help: the keys, what the maps mean, and whose work is in the program."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QScrollArea, QVBoxLayout, QWidget

import resnet_core
from app.shell.actions import KEYS
from resnet_core.pictures.samples import samples


def help_dialog(parent: QWidget) -> QDialog:
    """The help, as a dialog that does not stop anything."""
    dialog = QDialog(parent)
    dialog.setWindowTitle("SkipLens help")
    text = QLabel(_text())
    text.setWordWrap(True)
    text.setContentsMargins(16, 16, 16, 16)
    area = QScrollArea()
    area.setWidget(text)
    area.setWidgetResizable(True)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.addWidget(area)
    column.addWidget(buttons)
    dialog.resize(640, 720)
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
        <h3>Keys</h3><table>{rows}</table>
        <h3>Licences</h3>
        <p>SkipLens is under the MIT licence. The type is Inter (SIL Open Font License), the icons
        are Lucide's (ISC). The weights that come with it were trained on pictures of ImageNet,
        whose terms (research, education) apply to those pictures.</p>
        <p>Sample pictures:</p><ul>{pictures}</ul>
    """
