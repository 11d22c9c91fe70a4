"""The laws of consent as properties, its traps as scenes, and the contract of the gate: pure, without a store."""
