"""Families of models that come with modelparity: plugins like anybody's, which import its public names only."""
