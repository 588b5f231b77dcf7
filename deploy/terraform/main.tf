# The monitoring host: one small instance that is reachable through WireGuard only.

data "aws_vpc" "default" {
  count   = var.subnet_id == "" ? 1 : 0
  default = true
}

data "aws_subnets" "default" {
  count = var.subnet_id == "" ? 1 : 0

  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default[0].id]
  }

  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

data "aws_subnet" "chosen" {
  id = var.subnet_id == "" ? sort(data.aws_subnets.default[0].ids)[0] : var.subnet_id
}

# Debian publishes its images under this account.
data "aws_ami" "debian" {
  most_recent = true
  owners      = ["136693071363"]

  filter {
    name   = "name"
    values = ["debian-12-arm64-*"]
  }
}

resource "aws_security_group" "host" {
  name        = var.name
  description = "WireGuard in, anything out"
  vpc_id      = data.aws_subnet.chosen.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "wireguard" {
  security_group_id = aws_security_group.host.id
  description       = "WireGuard; everything else goes through it"
  ip_protocol       = "udp"
  from_port         = var.wireguard_port
  to_port           = var.wireguard_port
  cidr_ipv4         = "0.0.0.0/0"
}

# Discord, package sources, image registries.
resource "aws_vpc_security_group_egress_rule" "anything" {
  security_group_id = aws_security_group.host.id
  description       = "Discord, packages, images"
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

# A way in when the VPN does not work: Systems Manager, without a port and without an SSH key.
resource "aws_iam_role" "host" {
  name = var.name

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "session_manager" {
  role       = aws_iam_role.host.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "host" {
  name = var.name
  role = aws_iam_role.host.name
}

resource "aws_instance" "host" {
  ami                    = data.aws_ami.debian.id
  instance_type          = var.instance_type
  subnet_id              = data.aws_subnet.chosen.id
  vpc_security_group_ids = [aws_security_group.host.id]
  iam_instance_profile   = aws_iam_instance_profile.host.name

  # Nothing secret: keys are made on the host, tokens are put there by hand (README.md).
  user_data = templatefile("${path.module}/cloud-init.yaml", {
    repository        = var.repository
    revision          = var.revision
    wireguard_port    = var.wireguard_port
    wireguard_address = "${cidrhost(var.wireguard_network, 1)}/${split("/", var.wireguard_network)[1]}"
    bind_address      = cidrhost(var.wireguard_network, 1)
    peers             = var.wireguard_peers
    region            = var.region
  })

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
    # A container is one hop further away, and has no business there.
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type           = "gp3"
    volume_size           = var.disk_gib
    encrypted             = true
    delete_on_termination = false
  }

  lifecycle {
    # A new image of Debian, or a new peer, must not throw the host away; see README.md.
    ignore_changes = [ami, user_data]
  }

  tags = {
    Name = var.name
  }
}

# Peers keep finding the host after it was stopped.
resource "aws_eip" "host" {
  domain   = "vpc"
  instance = aws_instance.host.id

  tags = {
    Name = var.name
  }
}
