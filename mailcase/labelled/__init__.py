"""Labelled letters: data alone, see README.md beside this file."""
