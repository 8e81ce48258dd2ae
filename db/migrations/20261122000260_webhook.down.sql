DROP TABLE diffusion, tentative, livraison, webhook;
