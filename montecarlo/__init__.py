"""What a finite network does, on the CPU."""
