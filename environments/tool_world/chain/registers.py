"""Registers: how people of different kinds open a request, join its parts and close it. {c} is a clause, an imperative."""

OPENINGS = {
    "plain": ("Hello,", "Hi,", "Good morning.", "Hi there,", "Hello there.", "Good day,", ""),
    "formal": (
        "Dear team,",
        "Good day, I am writing with a request.",
        "To whom it may concern:",
        "Dear Sir or Madam,",
        "Good afternoon.",
    ),
    "terse": ("", "Please:", "Quick one:", "To do:", "Request:"),
    "chatty": (
        "Hey, hope you are having a better day than I am!",
        "Hi! Sorry to bother you again.",
        "Hello hello, me again.",
        "Hey there, it's been one of those weeks.",
        "Hi, thanks for picking this up so quickly.",
    ),
    "hurried": (
        "Hi, only have a minute.",
        "Between two meetings, so quickly:",
        "Sorry, typing on my phone.",
        "Hi, need this done today.",
        "In a rush here.",
    ),
    "hesitant": (
        "Hello, I hope I am in the right place for this.",
        "Hi, I am not sure how this works.",
        "Excuse me, I could use some help.",
        "Good day, I wonder whether you could help me.",
        "Hi, first time that I write to you.",
    ),
}
LEADS = {
    "plain": (
        "please {c}",
        "could you {c}",
        "I would like you to {c}",
        "can you {c}",
        "I need you to {c}",
        "{c}, please",
    ),
    "formal": (
        "I would be grateful if you could {c}",
        "kindly {c}",
        "I hereby ask you to {c}",
        "would you be so kind as to {c}",
    ),
    "terse": ("{c}", "{c}"),
    "chatty": (
        "could you be a star and {c}",
        "what I'd love is for you to {c}",
        "the thing is, I need you to {c}",
        "would you do me a favour and {c}",
    ),
    "hurried": ("just {c}", "need you to {c}", "can you quickly {c}", "{c} asap please"),
    "hesitant": (
        "would it be possible to {c}",
        "I think I need you to {c}",
        "if it is not too much trouble, {c}",
        "could you perhaps {c}",
    ),
}
JOINTS = {
    "plain": ("Then {c}", "After that, {c}", "Also, {c}", "Next, {c}", "And {c}", "Once that is done, {c}"),
    "formal": ("Furthermore, please {c}", "In addition, {c}", "Subsequently, {c}", "I would also ask you to {c}"),
    "terse": ("Then {c}", "{c}", "Next: {c}"),
    "chatty": ("Oh, and {c}", "While you are at it, {c}", "And then, if you can, {c}", "One more thing: {c}"),
    "hurried": ("Also {c}", "And {c}", "Then {c}", "Plus {c}"),
    "hesitant": (
        "And maybe you could {c}",
        "If that works, {c}",
        "I would also need you to {c}",
        "And then, if that is possible, {c}",
    ),
}
CLOSES = {
    "plain": ("Thanks.", "Thank you!", "Thanks a lot.", "", "That is all."),
    "formal": (
        "Kind regards.",
        "Thank you for your assistance.",
        "With best regards.",
        "I look forward to your confirmation.",
    ),
    "terse": ("", "Thx.", "That's it."),
    "chatty": ("You're the best!", "Cheers!", "Thanks a million.", "That would make my day."),
    "hurried": ("Thanks, bye.", "Must dash.", "", "Cheers."),
    "hesitant": ("I hope that makes sense.", "Sorry for the trouble.", "Thank you so much.", "Many thanks in advance."),
}
LATER = (
    "Right, something else.",
    "Good. There is another thing.",
    "Thanks so far. Now for the rest:",
    "Before I forget it:",
    "While I have you:",
)
"""What comes before a request that is made later on."""
HASTY = {"": 0.08, "hurried": 0.7, "terse": 0.2, "formal": 0.0}
"""Shares of people who mistype, by register."""
