"""Sending the letters of the outbox, by a worker: to an SMTP server, or to files that a page of the development server shows.

`smtp` speaks to the server, `folder` writes and shows the files, `postman` empties the outbox.
"""
