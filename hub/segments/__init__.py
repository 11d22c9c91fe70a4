"""The rule language of segments: pure functions of a contact's facts and a moment; knows nothing else of the hub."""
