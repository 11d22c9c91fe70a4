"""What a decision would lead to, before it is made: asked of the stages' own functions, and nothing is written."""
