"""The box between two threads."""

import threading

from app.workers.mailbox import Mailbox


def test_newest_item_wins_and_the_replaced_are_counted():
    box = Mailbox()
    for item in (1, 2, 3):
        box.put(item)

    assert box.take() == 3
    assert box.replaced == 2
    assert not box.waiting


def test_who_waits_is_woken_by_an_item_and_by_the_end():
    box, taken = Mailbox(), []
    thread = threading.Thread(target=lambda: taken.extend([box.take(), box.take()]))
    thread.start()

    box.put("item")
    while not taken and box.waiting:
        pass  # the thread takes the item before the box is closed
    box.close()
    thread.join(timeout=5)

    assert taken == ["item", None]


def test_closed_box_gives_nothing_even_if_something_lay_in_it():
    box = Mailbox()
    box.put("late")
    box.close()

    assert box.take() is None
    assert box.waiting


def test_what_is_offered_gives_way_to_what_waits():
    box = Mailbox()
    box.offer("older")
    assert box.take() == "older"
    box.put("newer")
    box.offer("older")
    assert box.take() == "newer"
    assert box.replaced == 0
