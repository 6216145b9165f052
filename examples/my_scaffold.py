"""A scaffold of your own: another protocol for every environment. This one has the agent call tools in XML."""

import json
import re

from envgym import InvalidAction, Scaffold, call, play
from envgym.message import assistant, text_of


class XmlTools(Scaffold):
    """`<call tool="name">{"argument": 1}</call>`; plain text is the answer where there are no tools."""

    id = "xml_tools"

    def instructions(self):
        return (
            'Call a tool like this: <call tool="name">{...}</call>. Tools:\n' + json.dumps(self.tools())
            if self.tools()
            else ""
        )

    def parse(self, reply):
        found = re.search(r'<call tool="(\w+)">(.*?)</call>', text_of(reply), re.DOTALL)
        if not self.tools():
            return reply
        if found is None:
            raise InvalidAction("no <call> found", code="xml.form")
        message = call(found[1])
        message["tool_calls"][0]["function"]["arguments"] = found[2]
        return message

    def phrase(self, action):
        if isinstance(action, str):
            return assistant(action)
        function = action["tool_calls"][0]["function"]
        return assistant(f'<call tool="{function["name"]}">{function["arguments"]}</call>')


if __name__ == "__main__":
    (episode,) = play("table_qa", policy="oracle", scaffold=f"{__file__}:XmlTools", episodes=1)
    print(text_of(episode.messages[episode.steps[-1].reply]).split(">")[0] + ">", episode.score)
