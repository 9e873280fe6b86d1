"""Where a database may be begun: told before anything is written, and without opening anything."""

from pathlib import Path

from qbwc_server.config import Config, ConfigError, database_file


class NoDatabase(ConfigError):
    """There is no database where one was looked for; the sentence says where, and how to name another place."""


def check_place(config: Config) -> None:
    """Refuse to begin a database where none belongs: before a command that may begin one writes anything.

    Raises:
        NoDatabase: the place is the folder of the sources.
    """
    path = database_file(config)
    if path is not None:
        refuse_sources(path)


def refuse_sources(path: Path) -> None:
    """Refuse a file of a database that is yet to be made in the folder of the sources.

    Raises:
        NoDatabase: it would lie there.
    """
    folder = path.absolute().parent
    if not path.exists() and _is_checkout(folder):
        raise NoDatabase(
            f"{folder} is the folder of the sources: no database is begun here. Make a folder of its own for it "
            "(mkdir ~/qbwc), and run the command there"
        )


def _is_checkout(folder: Path) -> bool:
    return (folder / "setup.cfg").is_file() and (folder / "qbwc_server" / "installation.py").is_file()
