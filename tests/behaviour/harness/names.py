"""The answers to the name look-ups of the processes under test."""

import json
from pathlib import Path


class Names:
    """Answers look-ups of the names that a test gives; all other names and address literals go to the real resolver."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder

    def answer(self, name: str, *answers: list[str]) -> None:
        """One list of addresses for each successive look-up; the last repeats. An empty list: unresolvable."""
        self._write(name, [{"addresses": addresses, "hang": 0} for addresses in answers])

    def unresolvable(self, name: str) -> None:
        self.answer(name, [])

    def hang(self, name: str, seconds: float, addresses: list[str]) -> None:
        """Every look-up of the name takes this long."""
        self._write(name, [{"addresses": addresses, "hang": seconds}])

    def asked(self, name: str) -> int:
        """The number of look-ups of the name since the test set its answers."""
        return int(json.loads(self._file(name).read_text())["asked"])

    def clear(self) -> None:
        for file in self.folder.iterdir():
            file.unlink()

    def _write(self, name: str, answers: list[dict[str, object]]) -> None:
        self._file(name).write_text(json.dumps({"asked": 0, "answers": answers}))

    def _file(self, name: str) -> Path:
        return self.folder / f"{name.lower()}.json"
