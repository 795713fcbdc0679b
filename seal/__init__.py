"""What makes a document trustworthy: the attestation and its page, the seal, time stamps, keys, the verification of a file.

No register, no SQL, no HTTP of ours: it is given values and answers bytes or verdicts.
Imports nothing of ours; imported by `resolvers` and `server`.
"""
