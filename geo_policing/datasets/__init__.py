"""What the world is: readers of publishers' files, and the immutable dataset made of them."""
