"""Who calls the stages, and when: the inline runner and the scheduler."""
