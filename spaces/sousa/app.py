"""The Space: a recording of drums comes in, the rudiment is named."""

from pathlib import Path

from modelparity_families.sousa.demo import serve

if __name__ == "__main__":
    serve(Path(__file__).with_name("weights"))
