variable "region" {
  description = "AWS region of the monitoring host."
  type        = string
  default     = "ap-northeast-2"
}

variable "name" {
  description = "Name of the host and of everything that belongs to it."
  type        = string
  default     = "bongsu"
}

variable "subnet_id" {
  description = "A public subnet. Empty: the first one of the region's default VPC."
  type        = string
  default     = ""
}

variable "instance_type" {
  description = "compose.yml is made for 2 GiB and arm64."
  type        = string
  default     = "t4g.small"

  validation {
    condition     = can(regex("^(t4g|m7g|c7g|m8g|c8g)\\.", var.instance_type))
    error_message = "The image of the operating system is for arm64: choose a Graviton type, such as t4g.small."
  }
}

variable "disk_gib" {
  description = "Size of the encrypted disk: 5 GB of metrics, a week of logs, two days of traces, and the system."
  type        = number
  default     = 30
}

variable "repository" {
  description = "Git address from which the host takes the stack; it must be readable without a password."
  type        = string
}

variable "revision" {
  description = "Tag or commit of the repository."
  type        = string
}

variable "wireguard_port" {
  description = "The only port that is reachable from the internet."
  type        = number
  default     = 51820
}

variable "wireguard_network" {
  description = "The VPN; this host takes its first address."
  type        = string
  default     = "10.8.0.0/24"

  validation {
    condition     = can(cidrhost(var.wireguard_network, 1))
    error_message = "Write it as 10.8.0.0/24."
  }
}

variable "wireguard_peers" {
  description = "Who may enter the VPN, by name: the public key (never the private one) and the address inside."
  type = map(object({
    public_key = string
    address    = string
  }))
}
