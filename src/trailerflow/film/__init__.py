"""What a trailer is: screenplay, cast, plan, pictures, sound, edit. Knows no database, queue or web."""
