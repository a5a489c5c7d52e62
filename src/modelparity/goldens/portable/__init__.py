"""What a bundle carries besides its arrays: files that need numpy and pytest only, copied as they stand."""
