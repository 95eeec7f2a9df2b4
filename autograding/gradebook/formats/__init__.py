"""The formats that grades leave in. Each is a pure function from a sheet of grades to text or bytes."""
