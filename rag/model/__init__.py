"""The models in processes of their own: what writes (`chat`, `served`), what embeds and reads
(`embedding`).
"""
