output "address" {
  description = "Public address of WireGuard's endpoint."
  value       = "${aws_eip.host.public_ip}:${var.wireguard_port}"
}

output "instance_id" {
  description = "For `aws ssm start-session --target`."
  value       = aws_instance.host.id
}

output "grafana" {
  description = "Grafana, once you are in the VPN."
  value       = "http://${cidrhost(var.wireguard_network, 1)}:3000/"
}

output "public_key" {
  description = "How to read WireGuard's public key, which is made on the host."
  value       = "aws ssm start-session --target ${aws_instance.host.id} --document-name AWS-StartInteractiveCommand --parameters command='sudo cat /etc/wireguard/public.key'"
}
