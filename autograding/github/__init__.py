"""Everything that speaks to GitHub: the API client and what is read from student repositories."""
