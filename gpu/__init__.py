"""What a finite network does, on a GPU."""
