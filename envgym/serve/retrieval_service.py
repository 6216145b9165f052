"""A search engine over HTTP in the form that trainers of search agents call: that of Search-R1's retriever (arXiv 2503.09516).

    POST /retrieve   {queries, topk, return_scores} -> {"result": [[{"document": {id, contents}, "score"}], ...]}, a list for each query
    GET  /health     {"status": "ok"}

Without `return_scores` a list holds the documents themselves. The first line of `contents` is the title in quotation marks: that is where
its clients take it from. What is indexed are passages, since its clients put whole documents into a context.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from envgym.errors import UsageError
from envgym.serve.door import Door, Turned
from envgym.verdict import writable

if TYPE_CHECKING:
    from starlette.applications import Starlette

TOKEN = "ENVGYM_RETRIEVE_TOKEN"
MAX_QUERIES, MAX_QUERY, MAX_TOPK = 2048, 4000, 100
Retrieve = Callable[[str, int], Sequence[tuple[Mapping[str, str], float]]]
"""The best documents for a query, each {id, contents} with its score."""


Query = Annotated[
    str,
    BeforeValidator(lambda given: writable(given) if isinstance(given, str) else given),
    Field(max_length=MAX_QUERY),
]
"""Half of a character, which is no text to a validator, is taken as it would be written."""


class Retrieval(BaseModel):
    """One request. Further keys are left alone, as there."""

    model_config = ConfigDict(extra="ignore")

    queries: list[Query] = Field(max_length=MAX_QUERIES)
    topk: int | None = Field(
        None, ge=0, le=MAX_TOPK, description="Documents for each query; 0 and null: the service's own."
    )
    return_scores: bool = False


class RetrievalService:
    """Serves `retrieve`. Raises UsageError for limits that are none."""

    def __init__(
        self,
        retrieve: Retrieve,
        *,
        topk: int = 3,
        token: str = "",
        deadline_s: float = 30.0,
        max_body_bytes: int = 4 << 20,
        concurrency: int = 16,
    ) -> None:
        if not 1 <= topk <= MAX_TOPK:
            raise UsageError(f"topk={topk}: expected 1 to {MAX_TOPK}")
        self._retrieve = retrieve
        self._topk = topk
        self.door = Door(
            token=token,
            deadline_s=deadline_s,
            max_body_bytes=max_body_bytes,
            concurrency=concurrency,
            workers="searches",
            worker="search",
        )

    def app(self) -> "Starlette":
        """The ASGI application. Raises UsageError where starlette is missing."""
        return self.door.app({"/retrieve": self._answer})

    def _answer(self, body: Any) -> Any:
        try:
            asked = Retrieval.model_validate(body)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Turned(400, "bad_request", f"{where}: {first['msg']}"[:300]) from None
        found = [self._retrieve(query, asked.topk or self._topk) for query in asked.queries]
        if asked.return_scores:
            return {"result": [[{"document": document, "score": score} for document, score in each] for each in found]}
        return {"result": [[document for document, _ in each] for each in found]}
