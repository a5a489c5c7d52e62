"""Other people's engines: each module here runs an artefact with one of them."""
