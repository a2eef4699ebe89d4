"""Every figure of an appraisal walked back to the rows and assumptions it comes from."""
