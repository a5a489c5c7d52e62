#!/bin/sh
# Makes the bundle that the Swift tests read, of the tiny networks in fixtures/; run it in the top folder.
set -e
here=swift/Tests/Fixtures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nets="fixtures/dnn.pkl fixtures/blstm.pkl fixtures/mixed.pkl fixtures/key.pkl"
modelparity golden $nets --recipe noise --recipe features --length 12 --dir "$work"
rm -rf $here/bundle
modelparity golden bundle $nets --recipe noise --recipe features --length 12 --dir "$work" \
  --to $here/bundle --models coreml
python swift/Tests/Fixtures/make_counter.py
