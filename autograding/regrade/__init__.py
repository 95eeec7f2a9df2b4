"""The final grade of a whole class: choose commits, fetch them, grade them, record the grades."""
