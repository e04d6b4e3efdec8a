"""An admin page that shows rows and changes none."""

from typing import Any


class ReadOnly:
    """A mixin for ModelAdmin and inlines: no adding, changing or deleting, by any way the admin knows."""

    can_delete = False
    extra = 0

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_change_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False
