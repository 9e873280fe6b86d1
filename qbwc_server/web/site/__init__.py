"""The support pages: what stands where, and in which order it is put together."""

from flask import Flask

from qbwc_server.web.site import (
    access,
    addresses,
    answers,
    api_keys,
    audit,
    bundles,
    connectors,
    credentials,
    deeds,
    error_exports,
    error_groups,
    errors,
    failures,
    forms,
    guest,
    links,
    lists,
    live,
    log,
    onboarding,
    own_password,
    presentation,
    public,
    raw_requests,
    record_page,
    records,
    removal,
    rulings,
    search,
    sentences,
    setting_up,
    settings,
    sign_in,
    tabs,
    users,
    webhooks,
    zones,
)

_PARTS = (
    public,
    sign_in,
    connectors,
    live,
    credentials,
    removal,
    settings,
    errors,
    error_groups,
    error_exports,
    answers,
    search,
    records,
    lists,
    record_page,
    links,
    deeds,
    log,
    audit,
    bundles,
    users,
    api_keys,
    own_password,
    onboarding,
    guest,
    setting_up,
    webhooks,
    rulings,
    raw_requests,
)


def install(app: Flask) -> None:
    """Add every page to `app`, closed to whoever is not signed in unless the page is public."""
    # first, as it turns away requests that no page can be made for
    failures.install(app)
    access.install(app)
    addresses.install(app)
    forms.install(app)
    presentation.install(app)
    tabs.install(app)
    live.install(app)
    record_page.install(app)
    sentences.install(app)
    zones.install(app)
    for module in _PARTS:
        app.register_blueprint(module.pages)
