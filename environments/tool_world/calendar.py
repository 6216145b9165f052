"""Days and moments of a world as texts that compare as they are read. The clock is a row of the world: never the machine's."""

from datetime import date, datetime, timedelta

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Calendar:
    """Dates relative to `now`, a text like "2026-03-14 09:30"."""

    __slots__ = ("_now", "now")

    def __init__(self, now: str) -> None:
        self.now = now
        self._now = datetime.strptime(now, "%Y-%m-%d %H:%M")

    @property
    def today(self) -> str:
        return self.now[:10]

    def day(self, days: int) -> str:
        """The date `days` after today; before it where negative."""
        return (self._now + timedelta(days=days)).strftime("%Y-%m-%d")

    def moment(self, days: int, minutes: int) -> str:
        """The moment `minutes` after midnight of the day `days` after today."""
        midnight = self._now.replace(hour=0, minute=0) + timedelta(days=days, minutes=minutes)
        return midnight.strftime("%Y-%m-%d %H:%M")

    def hours(self, hours: int) -> str:
        """The moment `hours` from now."""
        return (self._now + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M")

    @staticmethod
    def clock(minutes: int) -> str:
        return f"{minutes // 60:02}:{minutes % 60:02}"


def shifted(day: str, days: int) -> str:
    """A date or moment, `days` later; the time of a moment stays."""
    moved = date.fromisoformat(day[:10]) + timedelta(days=days)
    return moved.isoformat() + day[10:]


def later(moment: str, minutes: int) -> str:
    """A moment, `minutes` later."""
    return (datetime.strptime(moment, "%Y-%m-%d %H:%M") + timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M")


def days_between(first: str, last: str) -> int:
    """Days from `first` to `last`, dates or moments; negative where `last` comes earlier."""
    return (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days


def weekday(day: str) -> str:
    """The English name of a date's or a moment's weekday."""
    return WEEKDAYS[date.fromisoformat(day[:10]).weekday()]
