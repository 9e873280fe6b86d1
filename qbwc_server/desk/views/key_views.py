"""What hosts see of API keys: everything but the secret, which is shown when a key is made."""

from typing import Self

from pydantic import Field

from qbwc_server.desk.views.base import Moment, View
from qbwc_server.domain.people import ApiKey, Scope


class ApiKeyView(View):
    """A key, without what it opens the door with."""

    component = "ApiKey"

    name: str
    connector: str | None = Field(description="The one connector it opens; null: every connector.")
    scope: Scope = Field(
        description="`read` looks; `write` also hands over and changes records; `manage` may do everything."
    )
    created_at: Moment
    expires_at: Moment | None = Field(description="From when on it opens nothing; null: never.")
    last_used_at: Moment | None = Field(description="To the minute; null: never.")
    revoked_at: Moment | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """The view of a key."""
        return cls(**{name: getattr(key, name) for name in ApiKeyView.model_fields})


class NewApiKeyView(ApiKeyView):
    """A key just made."""

    component = "NewApiKey"

    key: str = Field(description="The secret, this once. Send it as: Authorization: Bearer KEY")

    @classmethod
    def with_secret(cls, made: ApiKey, secret: str) -> Self:
        """The view of a key just made, and its secret."""
        return cls(key=secret, **{name: getattr(made, name) for name in ApiKeyView.model_fields})
