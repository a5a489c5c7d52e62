"""The judgement: floor, comparison, bands, and the sentence that a person reads."""
