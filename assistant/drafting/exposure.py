"""What a rule on a directory opens that was never used, and what that costs."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache

from assistant.domain.host import Content
from assistant.domain.places import (
    is_private_name,
    is_public,
    reached_by_reading,
    reached_by_writing,
    tells_of_kernel,
)
from assistant.drafting.needs import EXECUTE, READ, WRITE
from assistant.drafting.weights import Weights


@dataclass(frozen=True, slots=True)
class Exposed:
    """Files beneath a directory that one class of rights opens though the trace never used them so."""

    public: int = 0
    private: int = 0
    names: tuple[str, ...] = ()
    known: bool = True
    """False when there were too many to count, or none could be: then the figures are the least."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.public + self.private

    def words(self) -> str:
        """In words, for a reviewer."""
        if not (self.known or self.total):
            return "an unknown number of files"
        text = f"{self.total} file{'' if self.total == 1 else 's'} never used so"
        text = text if self.known else f"at least {text}"
        return text + (f", among them {', '.join(self.names)}" if self.names else "")


class Exposure:
    """Prices directory rules.

    Args:
        weights: What each unit costs.
        content: What lies beneath a directory.
        own: Directories of the service's own; whatever lies beneath counts as its own.
        runs: Directories of applications that it runs or serves; reading there costs as in its own.
        seen: All paths that the trace used.
    """

    def __init__(
        self,
        weights: Weights,
        content: Callable[[str], Content],
        own: Callable[[str], bool],
        runs: Callable[[str], bool] = lambda _: False,
        seen: Collection[str] = (),
    ) -> None:
        self._weights = weights
        self._content = content
        self._own = own
        self._runs = runs
        self._seen = seen
        # A file lies beneath every directory above it and is asked about at each.
        self._is_public = cache(is_public)
        self._is_private_name = cache(is_private_name)

    def counts(self, directory: str) -> bool:
        """Whether all that lies beneath a directory can be counted."""
        return self._content(directory).complete

    def count(self, directory: str, used: Collection[str], wanted: int) -> Exposed:
        """What one class of rights (READ, WRITE or EXECUTE) opens beneath a directory.

        A key that the service reads anyway is no secret from it.
        """
        content = self._content(directory)
        candidates = content.executables if wanted == EXECUTE else content.files
        rest = [path for path in candidates if path not in used]
        public = sum(map(self._is_public, rest))
        private = [path for path in filter(self._is_private_name, rest) if path not in self._seen]
        return Exposed(public, len(rest) - public, tuple(sorted(private)), content.complete)

    def cost(self, directory: str, used: Collection[str], wanted: int) -> float:
        """The price of giving one class of rights on a directory."""
        if wanted not in (READ, WRITE, EXECUTE):
            return 0.0
        if wanted == READ and tells_of_kernel(directory):
            return self._weights.read_kernel
        if (reached_by_writing if wanted == WRITE else reached_by_reading)(directory):
            return self._weights.reaches
        found, own = self.count(directory, used, wanted), self._own(directory)
        if wanted == WRITE:
            return self._writing(found, own=own)
        return self._reading(directory, found, own=own) if wanted == READ else self._executing(found)

    def _executing(self, found: Exposed) -> float:
        price = self._weights.execute_directory + self._weights.execute * found.total
        return price if found.known else max(price, self._weights.unknown)

    def _writing(self, found: Exposed, *, own: bool) -> float:
        weights = self._weights
        each = weights.write_own if own else weights.write_private
        price = each * found.private + weights.write_public * found.public
        if own and not found.public:
            price = min(price, weights.own_limit)
        if not found.known:
            price = max(price, weights.unknown + (0.0 if own else weights.write_private * 100))
        return self._secrets(found, own=own) + price

    def _reading(self, directory: str, found: Exposed, *, own: bool) -> float:
        weights, as_own = self._weights, own or self._runs(directory)
        each = weights.read_own if as_own else weights.read_private
        price = each * found.private + min(weights.read_public * found.public, weights.public_limit)
        price = min(price, weights.own_limit) if as_own else price
        if not found.known:
            price = max(price, self._uncounted(directory, own=as_own))
        return self._secrets(found, own=own) + price

    def _secrets(self, found: Exposed, *, own: bool) -> float:
        return (self._weights.private_own if own else self._weights.private_name) * len(found.names)

    def _uncounted(self, directory: str, *, own: bool) -> float:
        """The least price of reading what could not be counted, or not to its end."""
        weights = self._weights
        if self._is_public(f"{directory}/"):
            return weights.public_limit
        return weights.own_limit if own else weights.unknown
