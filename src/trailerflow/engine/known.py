"""The results a claim knows of: which there are is asked once, for only the claim adds to them. Called by `steps`."""

from trailerflow.engine.products import Outcome
from trailerflow.engine.results import Results


class Known:
    """The results of one project, for as long as one turn has its run."""

    def __init__(self, results: Results, project_id: int) -> None:
        self._results = results
        self._project_id = project_id
        self._known: set[tuple[str, str]] | None = None

    async def load(self) -> set[tuple[str, str]]:
        """Ask which there are, unless that is known: before steps that, taken at the same time, would each ask."""
        if self._known is None:
            self._known = await self._results.index(self._project_id)
        return self._known

    async def find(self, name: str, digest: str) -> Outcome | None:
        """Return the result of that name made from these inputs, if it is there with all its files."""
        if (name, digest) not in await self.load():
            return None
        return await self._results.find(self._project_id, name, digest)

    def has(self, name: str, digest: str) -> bool:
        """Say whether there is such a result, be it with files that are lost; asked after `find`."""
        return self._known is None or (name, digest) in self._known

    def add(self, name: str, digest: str) -> None:
        """Note a result that was recorded just now."""
        if self._known is not None:
            self._known.add((name, digest))
