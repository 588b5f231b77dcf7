"""Makes the vocabulary: what the labels of alerts mean."""

from __future__ import annotations

from bot.app.settings import Settings
from bot.domain.labels import Vocabulary
from bot.domain.owners import Catalogue
from bot.domain.severity import Severity


def vocabulary_of(settings: Settings, catalogue: Catalogue) -> Vocabulary:
    """Return what the labels of alerts mean here."""
    words = {Severity[name]: words for name, words in settings.severities.items()}
    return Vocabulary.of(settings.service_labels, words, catalogue.services)
