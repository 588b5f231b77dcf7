"""The monitoring host as Terraform describes it: one way in, an encrypted disk, and nothing secret anywhere.

Parsed with python-hcl2. Without Terraform and an account there is no plan: what is asserted is what the files say.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import hcl2
import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/terraform"
FILES = sorted(FOLDER.glob("*.tf"))
COMPOSE = yaml.safe_load((ROOT / "compose.yml").read_text("utf-8"))
GIVEN = {
    "repository": "https://git.example.com/you/bongsu.git",
    "revision": "v0.2.0",
    "wireguard_port": "51820",
    "wireguard_address": "10.9.0.1/24",
    "bind_address": "10.9.0.1",
    "region": "ap-northeast-2",
}


def plain(value: Any) -> Any:
    """Take the quotes and the comments out of what the parser gives."""
    if isinstance(value, dict):
        return {plain(key): plain(each) for key, each in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value[1:-1] if isinstance(value, str) and value[:1] == value[-1:] == '"' else value


def blocks(kind: str) -> dict[str, Any]:
    """Return all blocks of a kind by name; resources and data by type and name."""
    found: dict[str, Any] = {}
    for path in FILES:
        for block in plain(hcl2.loads(path.read_text("utf-8"))).get(kind, []):
            for name, body in block.items():
                nested = kind in ("resource", "data")
                found |= {f"{name}.{each}": inner for each, inner in body.items()} if nested else {name: body}
    return found


RESOURCES = blocks("resource")
INSTANCE = RESOURCES["aws_instance.host"]


def rendered() -> str:
    """Fill in cloud-init as Terraform's templatefile would: its one loop, and its names."""
    text = (FOLDER / "cloud-init.yaml").read_text("utf-8")
    peers = {"minji": {"public_key": "b" * 43 + "=", "address": "10.9.0.2"}}

    def loop(found: re.Match[str]) -> str:
        filled = found[1]
        for name, peer in peers.items():
            filled = filled.replace("${name}", name)
            for key, value in peer.items():
                filled = filled.replace(f"${{peer.{key}}}", value)
        return filled

    text = re.sub(r"%\{ for name, peer in peers ~\}\n(.*?)%\{ endfor ~\}\n", loop, text, flags=re.DOTALL)
    return re.sub(r"\$\{(\w+)\}", lambda found: GIVEN[found[1]], text)


CLOUD_INIT = yaml.safe_load(rendered())


def commands() -> list[list[str]]:
    return [[str(word) for word in command] for command in CLOUD_INIT["runcmd"]]


def test_these_resources_and_no_others():
    assert sorted(RESOURCES) == [
        "aws_eip.host",
        "aws_iam_instance_profile.host",
        "aws_iam_role.host",
        "aws_iam_role_policy_attachment.session_manager",
        "aws_instance.host",
        "aws_security_group.host",
        "aws_vpc_security_group_egress_rule.anything",
        "aws_vpc_security_group_ingress_rule.wireguard",
    ]


def test_only_wireguard_comes_in():
    ingress = {name: body for name, body in RESOURCES.items() if "ingress" in name}
    rule = ingress["aws_vpc_security_group_ingress_rule.wireguard"]

    assert len(ingress) == 1
    assert rule["ip_protocol"] == "udp"
    assert rule["from_port"] == rule["to_port"] == "${var.wireguard_port}"
    assert not {"ingress", "egress"} & RESOURCES["aws_security_group.host"].keys()
    assert INSTANCE["vpc_security_group_ids"] == ["${aws_security_group.host.id}"]
    assert "key_name" not in INSTANCE


def test_the_instance_is_small_encrypted_and_asks_for_a_session_token():
    variables = blocks("variable")

    assert INSTANCE["instance_type"] == "${var.instance_type}"
    assert variables["instance_type"]["default"] == "t4g.small"
    assert INSTANCE["root_block_device"][0]["volume_type"] == "gp3"
    assert INSTANCE["root_block_device"][0]["encrypted"] is True
    assert INSTANCE["metadata_options"][0]["http_tokens"] == "required"
    assert INSTANCE["metadata_options"][0]["http_put_response_hop_limit"] == 1
    assert RESOURCES["aws_eip.host"]["instance"] == "${aws_instance.host.id}"
    assert "arm64" in str(blocks("data")["aws_ami.debian"])


def test_variables_and_outputs_say_what_they_are():
    declared, outputs = blocks("variable"), blocks("output")
    text = "".join(path.read_text("utf-8") for path in FILES)

    assert all(len(each["description"]) > 10 for each in (*declared.values(), *outputs.values()))
    assert set(re.findall(r"\bvar\.(\w+)", text)) == declared.keys()
    assert {"address", "grafana", "instance_id", "public_key"} == outputs.keys()


def test_terraform_is_given_no_secret():
    declared = blocks("variable")

    assert not [name for name in declared if re.search(r"secret|password|token|private|credential", name)]
    # A secret that Terraform made itself would stand in its state.
    assert not [name for name in RESOURCES if re.match(r"random_|tls_|aws_secretsmanager|aws_ssm_parameter", name)]
    assert {"*.tfstate", "*.tfvars"} <= set((FOLDER / ".gitignore").read_text("utf-8").splitlines())


def test_the_template_is_given_what_it_asks_for():
    asked = set(re.findall(r"\$\{(\w+)\}", (FOLDER / "cloud-init.yaml").read_text("utf-8"))) - {"name"}
    given = set(re.findall(r"(\w+) = ", INSTANCE["user_data"].split("cloud-init.yaml")[1]))

    assert asked | {"peers"} == given
    assert asked == GIVEN.keys()


def test_cloud_init_installs_docker_wireguard_and_the_stack():
    words = [" ".join(command) for command in commands()]

    assert rendered().startswith("#cloud-config\n")
    assert {"wireguard", "git"} <= set(CLOUD_INIT["packages"])
    assert any("docker-ce" in each and "docker-compose-plugin" in each for each in words)
    assert any(each.startswith("git clone https://git.example.com") for each in words)
    assert "git -C /opt/bongsu checkout v0.2.0" in words
    # It must not start with empty secrets.
    assert not any("compose up" in each for each in words)
    assert set(CLOUD_INIT) == {"package_update", "package_upgrade", "packages", "write_files", "runcmd"}
    assert all(set(each) <= {"path", "content", "permissions"} for each in CLOUD_INIT["write_files"])


def test_peers_are_admitted_by_their_public_keys():
    peers = next(each for each in CLOUD_INIT["write_files"] if each["path"] == "/etc/wireguard/peers.conf")

    assert peers["permissions"] == "0600"
    assert peers["content"].splitlines() == [
        "# minji",
        "[Peer]",
        f"PublicKey = {'b' * 43}=",
        "AllowedIPs = 10.9.0.2/32",
    ]


@pytest.mark.parametrize("command", [each[2] for each in commands() if each[:2] == ["sh", "-ec"]])
def test_every_command_is_one_that_a_shell_understands(command):
    done = subprocess.run(["sh", "-n", "-c", command], capture_output=True, text=True, timeout=30, check=False)

    assert done.returncode == 0, done.stderr


def test_the_host_gets_its_settings_and_its_own_secrets(tmp_path):
    (tmp_path / "config").mkdir()
    for name in ("config/.env.example", "config/compose.env.example"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())

    for command in commands():
        if "cd /opt/bongsu" in command[-1]:
            subprocess.run([*command[:-1], command[-1].replace("/opt/bongsu", str(tmp_path))], timeout=30, check=True)

    settings = (tmp_path / ".env").read_text("utf-8")
    secrets = {path.name: path.read_text("utf-8") for path in (tmp_path / "secrets").iterdir()}
    assert "BIND_ADDRESS=10.9.0.1\n" in settings
    assert "GRAFANA_PUBLIC_URL=http://10.9.0.1:3000/\n" in settings
    assert secrets.keys() == COMPOSE["secrets"].keys()
    # They begin with a letter: Grafana reads digits as a number.
    assert re.fullmatch(r"w[0-9a-f]{48}", secrets["webhook_token"])
    assert re.fullmatch(r"g[0-9a-f]{32}", secrets["grafana_admin_password"])
    assert secrets["discord_token"] == ""
    assert {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "secrets").iterdir()} == {"0o444"}
    assert oct((tmp_path / "secrets").stat().st_mode & 0o777) == "0o700"


def test_wireguards_file_is_put_together_from_its_parts(tmp_path):
    (tmp_path / "private.key").write_text("made-on-the-host\n", "utf-8")
    (tmp_path / "peers.conf").write_text("[Peer]\n", "utf-8")
    command = next(each[-1] for each in commands() if "wg0.conf" in each[-1])

    subprocess.run(["sh", "-ec", command.replace("/etc/wireguard", str(tmp_path))], timeout=30, check=True)

    assert (tmp_path / "wg0.conf").read_text("utf-8").splitlines() == [
        "[Interface]",
        "Address = 10.9.0.1/24",
        "ListenPort = 51820",
        "PrivateKey = made-on-the-host",
        "[Peer]",
    ]
    assert oct((tmp_path / "wg0.conf").stat().st_mode & 0o777) == "0o600"
