"""Software engineering: real changes of real repositories as tasks, graded by running code in separate sandboxes."""
