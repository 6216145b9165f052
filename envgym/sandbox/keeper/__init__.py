"""The keeper: a small process beside ours that makes sandboxes' namespaces, and what runs in them.

`main` forks one `holder` per sandbox (first process of its namespaces, makes the mounts), and each holder one `spawner` (without rights,
in the sandbox's control group, starts the commands). Everything ends when our ends of its sockets close. Only the standard library, and
little of it: each of these processes is a fork of the first, and a fork costs what it maps. Our side is `mount_holder.py`.
"""
