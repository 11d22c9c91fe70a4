"""All that identity resolution knows of people's names: their comparable form, levels of agreement, rarity. Pure."""
