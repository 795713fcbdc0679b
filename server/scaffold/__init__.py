"""What `parchemin new-family` writes: the repository of a family that another ministry brings. Reads no setting and no register."""
