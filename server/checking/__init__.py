"""The public page `/v`, whose address stands on attestations: a diploma is checked by a link, by its control key, or by its file."""
