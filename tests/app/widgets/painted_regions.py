"""What of a widget is painted."""

from PySide6.QtCore import QEvent, QObject


class PaintedRegions(QObject):
    """Where a widget is painted."""

    def __init__(self, widget):
        super().__init__(widget)
        self.regions = []
        widget.installEventFilter(self)

    def settle(self, qtbot):
        """Forget the painting that is still to come."""
        qtbot.waitUntil(lambda: bool(self.regions))
        self.regions.clear()

    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Paint:
            self.regions.append(event.region())
        return False
